package flow;

import ij.IJ;
import ij.ImageJ;
import ij.ImagePlus;
import ij.Macro;
import ij.WindowManager;
import ij.macro.Interpreter;
import ij.measure.ResultsTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** Runs a macro of the ImageJ macro language on one image. */
final class MacroRun {
    private MacroRun() {}

    /** Runs the tool; {@code stop} ends the process with a sentence. */
    static void run(Options given, Consumer<String> stop)
            throws Refused, IOException, InterruptedException {
        Path imagePath = Path.of(given.text("image"));
        String macroPath = given.text("macro-file", "");
        String macro = given.text("macro", "");
        String argument = given.text("argument", "");
        String keep = given.text("keep");
        String tableName = given.text("table-name", "Results");
        Path resultPath = Path.of(given.text("result", ""));
        Path tablePath = Path.of(given.text("table", ""));
        given.done();
        boolean isImageKept = keep.equals("image") || keep.equals("both");
        boolean isTableKept = keep.equals("table") || keep.equals("both");
        if (isImageKept && resultPath.toString().isEmpty()
                || isTableKept && tablePath.toString().isEmpty()) {
            throw new Refused("Say where to keep the " + keep + ": --result=..., --table=... .");
        }
        if (!isImageKept && !isTableKept) {
            throw new Refused("--keep wants image, table or both, not '" + keep + "'.");
        }
        if (macro.isBlank() == macroPath.isEmpty()) {
            throw new Refused(macro.isBlank()
                    ? "There is no macro; write one into the parameter or wire a macro file."
                    : "There is a macro in the parameter and a macro file; give only one.");
        }
        if (macro.isBlank()) {
            macro = Files.readString(Path.of(macroPath));
        }
        ImagePlus image = TiffFile.read(imagePath, "input 'image'");
        Path savedImage = Files.createTempDirectory("macro").resolve("image.tif");
        Path savedTable = savedImage.resolveSibling("table.csv");
        // Behind the macro, so that line numbers in messages stay true: ImageJ collects `var`
        // before it starts, if there is a function as well.
        Interpreter.setAdditionalFunctions(variable("inputPath", imagePath)
                + variable("imagePath", savedImage) + variable("tablePath", savedTable)
                + "function flowPaths() {}");

        ImagePlus result = interpret(macro, argument, image, stop);

        if (isImageKept) {
            result = Files.exists(savedImage)
                    ? TiffFile.read(savedImage, "image that the macro saved") : result;
            if (result == null) {
                throw new Refused("The macro left no image open; keep the table only,"
                        + " or leave the result open as the active image.");
            }
            TiffFile.write(result, resultPath);
        }
        if (isTableKept) {
            table(savedTable, tableName).write(tablePath);
        }
    }

    private static String variable(String name, Path path) {
        return "var " + name + "=\"" + path + "\";\n";
    }

    private static CsvFile table(Path saved, String name) throws Refused, IOException {
        ResultsTable table = Files.exists(saved)
                ? ResultsTable.open(saved.toString())
                : name.equals("Results")
                        ? ResultsTable.getResultsTable() : ResultsTable.getResultsTable(name);
        if (table == null || table.getHeadings().length == 0) {
            throw new Refused("The macro left no table called '" + name + "'; keep the image only,"
                    + " or let the macro measure something.");
        }
        return CsvFile.of(table);
    }

    /** Returns the active image at the end of the macro, or null if none is open. */
    private static ImagePlus interpret(
            String macro, String argument, ImagePlus image, Consumer<String> stop)
            throws InterruptedException {
        AtomicReference<ImagePlus> active = new AtomicReference<>();
        Consumer<String> stopWithLog = sentence -> {
            printLog();
            stop.accept(sentence);
        };
        Consumer<Throwable> fail = error -> stopWithLog.accept(error instanceof OutOfMemoryError
                ? Main.NO_MEMORY
                : "A command of the macro failed inside ImageJ: "
                        + DialogGuard.sentence(error.toString()));
        // A hidden main window: macros may then select the windows "Results" and "Log".
        new ImageJ(null, ImageJ.NO_SHOW);
        IJ.setExceptionHandler(fail::accept);
        // ImageJ asks for this name before it lets a command stop the macro.
        Thread thread = new Thread(() -> {
            Interpreter.batchMode = true;
            Interpreter.addBatchModeImage(image);
            try {
                new Interpreter().run(macro, argument);
            } catch (RuntimeException | Error error) {
                if (!Macro.MACRO_CANCELED.equals(error.getMessage())) {
                    fail.accept(error);
                }
            }
            active.set(WindowManager.getCurrentImage());
        }, "Run$_Macro$");
        DialogGuard.install(thread, stopWithLog);
        thread.start();
        thread.join();
        printLog();
        String complaint = IJ.getErrorMessage();
        if (complaint != null) {
            stop.accept("ImageJ stopped the macro: " + DialogGuard.sentence(complaint));
        }
        return active.get();
    }

    private static void printLog() {
        String log = IJ.getLog();
        if (log != null) {
            System.out.print(log);
        }
    }
}
