package flow;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.io.FileInfo;
import ij.io.Opener;
import ij.io.TiffEncoder;
import ij.measure.Calibration;
import ij.process.ImageConverter;
import ij.process.StackConverter;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads TIFF with the axes and pixel size of its OME-XML, and writes OME-TIFF. */
final class TiffFile {
    private TiffFile() {}

    /**
     * Opens an image; planes are in ImageJ's order (channel, slice, frame).
     *
     * @param what names the image in messages, such as "input 'image'"
     */
    static ImagePlus read(Path path, String what) throws Refused {
        checkFile(path, what);
        ImagePlus image = null;
        String description = null;
        ByteArrayOutputStream spoken = new ByteArrayOutputStream();
        PrintStream console = System.out;
        // Where pixels cannot be decompressed ImageJ prints an exception and goes on with zeros.
        System.setOut(new PrintStream(spoken, true, StandardCharsets.UTF_8));
        try {
            String folder = path.toAbsolutePath().getParent() + "/";
            String name = path.getFileName().toString();
            FileInfo[] info = Opener.getTiffFileInfo(folder + name);
            if (info != null) {
                description = info[0].description;
                image = new Opener().openTiff(folder, name);
            }
        } catch (RuntimeException error) {
            throw damaged(what, error.toString());
        } finally {
            System.setOut(console);
        }
        String complaint = IJ.getErrorMessage();
        String printed = spoken.toString(StandardCharsets.UTF_8);
        if (complaint != null || printed.contains("Exception")) {
            String text = complaint == null ? printed : complaint;
            throw damaged(what, text.strip().lines().findFirst().orElse(""));
        }
        if (image == null) {
            throw damaged(what, "its compression, tiles or type of number");
        }
        if (description != null && description.strip().endsWith("OME>")) {
            OmeXml.apply(description, image, what);
        }
        image.setOpenAsHyperStack(true);
        return image;
    }

    private static Refused damaged(String what, String detail) {
        return new Refused("The " + what + " is damaged or of a kind that ImageJ cannot read ("
                + detail + "); copy it again, or save it as uncompressed TIFF.");
    }

    private static void checkFile(Path path, String what) throws Refused {
        String problem;
        try (var stream = Files.newInputStream(path)) {
            byte[] head = stream.readNBytes(4);
            boolean little = head.length == 4 && head[0] == 'I' && head[1] == 'I';
            boolean big = head.length == 4 && head[0] == 'M' && head[1] == 'M';
            int version = little ? head[2] : big ? head[3] : 0;
            if (version == 43) {
                throw new Refused("The " + what + " is a BigTIFF file, which ImageJ cannot read;"
                        + " save it as classic TIFF (below 4 GB).");
            }
            if (version != 42) {
                throw new Refused("The " + what + " is no TIFF file;"
                        + " give an image in TIFF format.");
            }
            problem = TiffCheck.problem(path, little);
        } catch (IOException error) {
            throw new Refused("The " + what + " cannot be read: " + error.getMessage() + ".");
        }
        if (problem != null) {
            throw new Refused("The " + what + " " + problem);
        }
    }

    /** Writes an OME-TIFF: the same image gives the same bytes. */
    static void write(ImagePlus image, Path path) throws IOException {
        ImagePlus plain = withoutValueCalibration(image);
        ImageStack stack = plain.getStack();
        if (stack.isVirtual()) {
            stack = plain.duplicate().getStack();
        }
        FileInfo info = new FileInfo();
        info.width = plain.getWidth();
        info.height = plain.getHeight();
        info.nImages = stack.size();
        info.fileType = switch (plain.getBitDepth()) {
            case 8 -> FileInfo.GRAY8;
            case 16 -> FileInfo.GRAY16_UNSIGNED;
            case 24 -> FileInfo.RGB;
            default -> FileInfo.GRAY32_FLOAT;
        };
        info.pixels = stack.size() == 1 ? stack.getPixels(1) : stack.getImageArray();
        info.description = OmeXml.of(plain);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(path), 1 << 16)) {
            new TiffEncoder(info).write(out);
        }
    }

    /** Puts real values in the place of grey levels with a calibration function. */
    private static ImagePlus withoutValueCalibration(ImagePlus image) {
        Calibration calibration = image.getCalibration();
        if (!calibration.calibrated() || image.getBitDepth() > 16) {
            return image;
        }
        ImagePlus copy = image.duplicate();
        copy.setCalibration(calibration);
        ImageConverter.setDoScaling(false);
        if (copy.getStackSize() > 1) {
            new StackConverter(copy).convertToGray32();
        } else {
            new ImageConverter(copy).convertToGray32();
        }
        return copy;
    }
}
