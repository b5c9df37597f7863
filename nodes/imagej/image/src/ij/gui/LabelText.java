package ij.gui;

/** Reads the text of ImageJ's own label. */
public final class LabelText {
    private LabelText() {}

    /** Returns the lines of a label, joined by blanks. */
    public static String of(MultiLineLabel label) {
        return label.lines == null ? "" : String.join(" ", label.lines);
    }
}
