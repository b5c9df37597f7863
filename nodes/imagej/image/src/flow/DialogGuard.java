package flow;

import ij.IJ;
import ij.gui.GenericDialog;
import ij.gui.LabelText;
import ij.gui.MessageDialog;
import ij.gui.MultiLineLabel;
import ij.gui.WaitForUserDialog;
import java.awt.AWTEvent;
import java.awt.Component;
import java.awt.Container;
import java.awt.Dialog;
import java.awt.EventQueue;
import java.awt.Label;
import java.awt.TextArea;
import java.awt.Toolkit;
import java.awt.event.WindowEvent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Takes the place of the person in front of ImageJ's dialogs.
 *
 * <p>Errors and questions stop the macro with a sentence; a plain message is printed and closed.
 */
final class DialogGuard {
    private final Thread macro;
    private final Consumer<String> stop;

    private DialogGuard(Thread macro, Consumer<String> stop) {
        this.macro = macro;
        this.stop = stop;
    }

    /** Watches the dialogs of a macro; {@code stop} is called with why it cannot go on. */
    static void install(Thread macro, Consumer<String> stop) {
        DialogGuard guard = new DialogGuard(macro, stop);
        Toolkit.getDefaultToolkit().addAWTEventListener(event -> {
            if (event.getID() == WindowEvent.WINDOW_OPENED
                    && event.getSource() instanceof Dialog dialog) {
                guard.answer(dialog);
            }
        }, AWTEvent.WINDOW_EVENT_MASK);
    }

    private void answer(Dialog dialog) {
        String text = text(dialog);
        String title = dialog.getTitle();
        if (dialog instanceof MessageDialog) {
            if (IJ.getErrorMessage() != null) {
                stop.accept("ImageJ stopped the macro: " + sentence(text));
            } else if (isExiting()) {
                stop.accept("The macro stopped itself: " + sentence(text));
            } else {
                System.out.println(text);
                EventQueue.invokeLater(dialog::dispose);
            }
        } else if (title.equals("Macro Error") || title.equals("No Image")) {
            stop.accept("The macro failed: "
                    + sentence(text.replaceFirst("( in line \\d+) ", "$1: ")));
        } else if (dialog.isModal() || dialog instanceof GenericDialog
                || dialog instanceof WaitForUserDialog) {
            stop.accept("The macro opened the dialog \"" + title + "\", which nobody can answer here"
                    + (text.isEmpty() ? "" : " (" + text + ")")
                    + "; give its options in the macro, as ImageJ's recorder writes them.");
        }
    }

    /** Whether the macro called {@code exit("text")}, which shows a message as well. */
    private boolean isExiting() {
        return Arrays.stream(macro.getStackTrace()).anyMatch(
                frame -> frame.getClassName().equals("ij.macro.Functions")
                        && frame.getMethodName().equals("exit"));
    }

    /** Puts a text of ImageJ into one line that ends with a full stop. */
    static String sentence(String text) {
        String line = text.replaceAll("\\s+", " ").strip();
        return line.endsWith(".") ? line : line + ".";
    }

    private static String text(Container container) {
        List<String> texts = new ArrayList<>();
        collect(container, texts);
        return String.join(" ", texts).replaceAll("\\s+", " ").strip();
    }

    private static void collect(Container container, List<String> texts) {
        for (Component component : container.getComponents()) {
            if (component instanceof MultiLineLabel label) {
                texts.add(LabelText.of(label));
            } else if (component instanceof Label label) {
                texts.add(label.getText());
            } else if (component instanceof TextArea area) {
                texts.add(area.getText());
            } else if (component instanceof Container inner) {
                collect(inner, texts);
            }
        }
    }
}
