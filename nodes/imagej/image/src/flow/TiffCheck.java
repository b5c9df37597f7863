package flow;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Finds what ImageJ would read wrongly without a word, or not at all.
 *
 * <p>Of a file that was cut off it fills missing pixels with zeros and leaves missing planes
 * out; it does not undo the predictor of a deflated image; it takes signed bytes for unsigned.
 */
final class TiffCheck {
    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int STRIP_OFFSETS = 273;
    private static final int STRIP_BYTES = 279;
    private static final int PREDICTOR = 317;
    private static final int TILE_WIDTH = 322;
    private static final int SAMPLE_FORMAT = 339;
    private static final int SIGNED = 2;
    private static final Set<Long> DEFLATE = Set.of(8L, 32946L);
    private static final Set<Long> KNOWN = Set.of(1L, 5L, 8L, 32773L, 32946L);
    private static final int ENTRY = 12;
    // Bytes of a value by TIFF type, from 1 (byte) to 13 (directory); TIFF 6.0, page 15.
    private static final int[] TYPE_BYTES = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4};

    private final RandomAccessFile file;
    private final ByteOrder order;
    private final Map<Integer, Long> first = new HashMap<>(); // tags of the first directory

    private TiffCheck(RandomAccessFile file, ByteOrder order) {
        this.file = file;
        this.order = order;
    }

    /** Says what is wrong with a classic TIFF, as "is ...; what to do."; null if nothing is. */
    static String problem(Path path, boolean isLittle) throws IOException {
        ByteOrder order = isLittle ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            TiffCheck check = new TiffCheck(file, order);
            if (!check.areDirectoriesComplete()) {
                return "is cut off: its last part is missing; copy it again from where it came from.";
            }
            String unreadable = check.unreadable();
            return unreadable == null ? null
                    : unreadable + ", which ImageJ does not read;"
                            + " save it without compression, in 8, 16 or 32 bits.";
        }
    }

    private String unreadable() {
        long compression = first.getOrDefault(COMPRESSION, 1L);
        long bits = first.getOrDefault(BITS, 1L);
        if (first.containsKey(TILE_WIDTH)) {
            return "is stored in tiles";
        }
        if (!KNOWN.contains(compression)) {
            return "is compressed by method " + compression;
        }
        if (DEFLATE.contains(compression) && first.getOrDefault(PREDICTOR, 1L) != 1) {
            return "is deflated with a predictor";
        }
        if (bits > 32) {
            return "holds numbers of " + bits + " bits";
        }
        return bits == 8 && first.getOrDefault(SAMPLE_FORMAT, 1L) == SIGNED
                ? "holds signed numbers of 8 bits" : null;
    }

    private boolean areDirectoriesComplete() throws IOException {
        if (!isInside(4, 4)) {
            return false;
        }
        long directory = read(4, 4).getInt() & 0xffffffffL;
        long most = file.length() / (2 + ENTRY + 4); // ends a circle of directories
        for (long n = 0; directory != 0 && n <= most; n++) {
            if (!isInside(directory, 2)) {
                return false;
            }
            int entries = read(directory, 2).getShort() & 0xffff;
            long next = directory + 2 + (long) entries * ENTRY;
            if (!isInside(next, 4) || !areEntriesComplete(directory + 2, entries)) {
                return false;
            }
            directory = read(next, 4).getInt() & 0xffffffffL;
        }
        return directory == 0;
    }

    private boolean areEntriesComplete(long start, int entries) throws IOException {
        long[] offsets = {};
        long[] bytes = {};
        for (int entry = 0; entry < entries; entry++) {
            long at = start + (long) entry * ENTRY;
            ByteBuffer fields = read(at, ENTRY);
            int tag = fields.getShort() & 0xffff;
            int type = fields.getShort() & 0xffff;
            long count = fields.getInt() & 0xffffffffL;
            long size = type < TYPE_BYTES.length ? TYPE_BYTES[type] : 1;
            long value = count * size <= 4 ? at + 8 : fields.getInt() & 0xffffffffL;
            if (!isInside(value, count * size)) {
                return false;
            }
            if (count > 0 && (size == 2 || size == 4)) {
                ByteBuffer number = read(value, (int) size);
                first.putIfAbsent(tag, size == 2
                        ? number.getShort() & 0xffffL : number.getInt() & 0xffffffffL);
            }
            if (tag == STRIP_OFFSETS) {
                offsets = numbers(value, count, (int) size);
            } else if (tag == STRIP_BYTES) {
                bytes = numbers(value, count, (int) size);
            }
        }
        for (int strip = 0; strip < Math.min(offsets.length, bytes.length); strip++) {
            if (!isInside(offsets[strip], bytes[strip])) {
                return false;
            }
        }
        return true;
    }

    private long[] numbers(long at, long count, int size) throws IOException {
        ByteBuffer buffer = read(at, (int) (count * size));
        long[] numbers = new long[(int) count];
        for (int i = 0; i < count; i++) {
            numbers[i] = size == 2 ? buffer.getShort() & 0xffff : buffer.getInt() & 0xffffffffL;
        }
        return numbers;
    }

    private boolean isInside(long at, long bytes) throws IOException {
        return at >= 0 && at + bytes <= file.length();
    }

    private ByteBuffer read(long at, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        file.seek(at);
        file.readFully(content);
        return ByteBuffer.wrap(content).order(order);
    }
}
