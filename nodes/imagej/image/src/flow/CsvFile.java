package flow;

import ij.measure.ResultsTable;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A table on its way to a CSV file (UTF-8, one header line, LF). */
final class CsvFile {
    // The last digits of a double may differ between processors; nine never do here,
    // and they are more than an image carries.
    private static final MathContext DIGITS = new MathContext(9);

    private final List<String> lines = new ArrayList<>();

    CsvFile(List<String> columns) {
        row(columns);
    }

    void row(List<String> cells) {
        lines.add(String.join(",", cells.stream().map(CsvFile::quoted).toList()));
    }

    void write(Path path) throws IOException {
        Files.writeString(path, String.join("\n", lines) + "\n");
    }

    /** Spells a number with nine significant digits; what is no number is left empty. */
    static String number(double value) {
        if (Double.isNaN(value)) {
            return "";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        BigDecimal rounded = new BigDecimal(value).round(DIGITS);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }

    /** Takes over an ImageJ table; texts stay texts, numbers are spelled in full. */
    static CsvFile of(ResultsTable table) {
        List<String> columns = new ArrayList<>();
        for (String heading : table.getHeadings()) {
            if (!heading.isBlank()) { // the column of row numbers in saved tables
                columns.add(heading);
            }
        }
        CsvFile csv = new CsvFile(columns);
        for (int row = 0; row < table.size(); row++) {
            List<String> cells = new ArrayList<>();
            for (String column : columns) {
                cells.add(cell(table, column, row));
            }
            csv.row(cells);
        }
        return csv;
    }

    private static String cell(ResultsTable table, String column, int row) {
        if (!table.columnExists(column)) { // row labels are kept beside the columns
            String label = table.getLabel(row);
            return label == null ? "" : label;
        }
        // A text cell holds NaN beside its text, and so does a number that is missing.
        double value = table.getValue(column, row);
        if (!Double.isNaN(value)) {
            return number(value);
        }
        String text = table.getStringValue(column, row);
        return text == null || text.equals("NaN") ? "" : text;
    }

    private static String quoted(String cell) {
        boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
