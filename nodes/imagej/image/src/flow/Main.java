package flow;

import java.io.IOException;
import java.util.Arrays;

/** Starts a tool; what goes wrong becomes one sentence on standard error and an exit code. */
public final class Main {
    static final String NO_MEMORY =
            "The memory is too small for this image; raise the limit of the tool.";

    private static final int BAD_INPUT = 2;
    private static final int BROKEN = 1;

    private Main() {}

    /** Runs {@code TOOL --name=value...}. */
    public static void main(String[] arguments) {
        if (arguments.length == 0) {
            stop("Name a tool: analyze-particles or run-macro.", BAD_INPUT);
        }
        try {
            Options options = new Options(Arrays.asList(arguments).subList(1, arguments.length));
            switch (arguments[0]) {
                case "analyze-particles" -> Particles.run(options);
                case "run-macro" -> MacroRun.run(options, sentence -> stop(sentence, BAD_INPUT));
                default -> throw new Refused("There is no tool '" + arguments[0] + "' here.");
            }
            stop("", 0);
        } catch (Refused refused) {
            stop(refused.getMessage(), BAD_INPUT);
        } catch (IOException error) {
            stop("A file cannot be written or read: " + error + ".", BROKEN);
        } catch (OutOfMemoryError error) {
            stop(NO_MEMORY, BROKEN);
        } catch (InterruptedException | RuntimeException error) {
            error.printStackTrace();
            stop("This is a fault of the tool: " + error + ".", BROKEN);
        }
    }

    /** Ends the process at once: windows and threads that ImageJ left would keep it alive. */
    private static synchronized void stop(String sentence, int status) {
        System.out.flush();
        if (!sentence.isEmpty()) {
            System.err.println(sentence);
        }
        System.exit(status);
    }
}
