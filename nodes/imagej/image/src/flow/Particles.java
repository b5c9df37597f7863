package flow;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.gui.Roi;
import ij.measure.Calibration;
import ij.measure.Measurements;
import ij.measure.ResultsTable;
import ij.plugin.filter.Analyzer;
import ij.plugin.filter.ParticleAnalyzer;
import ij.plugin.filter.ThresholdToSelection;
import ij.process.ByteProcessor;
import ij.process.ColorProcessor;
import ij.process.ImageProcessor;
import ij.process.ImageStatistics;
import ij.process.ShortProcessor;
import java.awt.Rectangle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** ImageJ's "Analyze Particles..." plane by plane, with a label image of what it counted. */
final class Particles {
    private static final int SHAPE = Measurements.AREA + Measurements.CENTROID
            + Measurements.PERIMETER + Measurements.RECT + Measurements.ELLIPSE
            + Measurements.SHAPE_DESCRIPTORS + Measurements.FERET;
    private static final int BRIGHTNESS = Measurements.MEAN + Measurements.STD_DEV
            + Measurements.MEDIAN + Measurements.MIN_MAX + Measurements.INTEGRATED_DENSITY;
    private static final int MOST_LABELS = 65535;
    /** Columns that are lengths, with ImageJ's headings. */
    private static final Map<String, String> LENGTHS = new LinkedHashMap<>();

    static {
        LENGTHS.put("perimeter", "Perim.");
        LENGTHS.put("major_axis", "Major");
        LENGTHS.put("minor_axis", "Minor");
        LENGTHS.put("feret", "Feret");
        LENGTHS.put("min_feret", "MinFeret");
    }

    private final ParticleOptions options;
    private final ImagePlus image;
    private final ImagePlus intensity;
    private final ResultsTable results = new ResultsTable();
    private final List<Integer> labels = new ArrayList<>();
    private final List<Integer> planes = new ArrayList<>();

    private Particles(ParticleOptions options, ImagePlus image, ImagePlus intensity) {
        this.options = options;
        this.image = image;
        this.intensity = intensity;
    }

    /** Runs the tool. */
    static void run(Options given) throws Refused, IOException {
        Path imagePath = Path.of(given.text("image"));
        String intensityPath = given.text("intensity", "");
        Path labelsPath = Path.of(given.text("labels"));
        Path tablePath = Path.of(given.text("particles"));
        ParticleOptions options = new ParticleOptions(given);
        given.done();

        ImagePlus image = grey(imagePath, "image");
        ImagePlus intensity = null;
        if (!intensityPath.isEmpty()) {
            intensity = grey(Path.of(intensityPath), "intensity");
            if (!sameSize(image, intensity)) {
                throw new Refused("The input 'intensity' has " + size(intensity)
                        + " and the input 'image' " + size(image) + "; they must be equal.");
            }
        } else if (options.isThresholded()) {
            intensity = image;
        }
        Particles particles = new Particles(options, image, intensity);
        TiffFile.write(particles.analyse(), labelsPath);
        particles.table().write(tablePath);
    }

    private static ImagePlus grey(Path path, String port) throws Refused {
        ImagePlus image = TiffFile.read(path, "input '" + port + "'");
        if (image.getProcessor() instanceof ColorProcessor) {
            throw new Refused("The input '" + port + "' is a colour image;"
                    + " split its channels or convert it to grey values first.");
        }
        return image;
    }

    private static boolean sameSize(ImagePlus a, ImagePlus b) {
        return Arrays.equals(a.getDimensions(true), b.getDimensions(true));
    }

    private static String size(ImagePlus image) {
        return image.getWidth() + " x " + image.getHeight() + " pixels"
                + (image.getNChannels() > 1 ? ", " + image.getNChannels() + " channels" : "")
                + (image.getNSlices() > 1 ? ", " + image.getNSlices() + " slices" : "")
                + (image.getNFrames() > 1 ? ", " + image.getNFrames() + " frames" : "");
    }

    /** Fills the results and returns the label image. */
    private ImagePlus analyse() throws Refused {
        ImageStack counted = new ImageStack(image.getWidth(), image.getHeight());
        int count = image.getStackSize();
        for (int plane = 1; plane <= count; plane++) {
            // Own processors, since ImageJ marks what it has seen in the pixels themselves.
            ImageProcessor pixels = image.getStack().getProcessor(plane).duplicate();
            pixels.resetRoi();
            ImageProcessor brightness =
                    intensity == null ? null : intensity.getStack().getProcessor(plane).duplicate();
            counted.addSlice(options.isLabels()
                    ? measureLabels(pixels, brightness, plane)
                    : analyseMask(options.mask(pixels), brightness, plane));
            if (count > 1) {
                System.out.println("[[" + plane + "/" + count + "]] planes");
            }
        }
        ImagePlus result = new ImagePlus("labels", counted);
        result.setDimensions(image.getNChannels(), image.getNSlices(), image.getNFrames());
        Calibration calibration = image.getCalibration().copy();
        calibration.disableDensityCalibration();
        result.setCalibration(calibration);
        return result;
    }

    private ImageProcessor analyseMask(ByteProcessor mask, ImageProcessor brightness, int plane)
            throws Refused {
        int before = results.size();
        int how = ParticleAnalyzer.SHOW_ROI_MASKS;
        how += options.fillHoles ? ParticleAnalyzer.INCLUDE_HOLES : 0;
        how += options.excludeEdges ? ParticleAnalyzer.EXCLUDE_EDGE_PARTICLES : 0;
        ParticleAnalyzer analyzer = new ParticleAnalyzer(how, measurements(brightness), results,
                options.minArea, options.maxArea, options.minCircularity, options.maxCircularity);
        analyzer.setHideOutputImage(true);
        mask.setThreshold(255, 255, ImageProcessor.NO_LUT_UPDATE);
        Analyzer.setRedirectImage(brightness == null ? null : new ImagePlus("", brightness));
        boolean done = analyzer.analyze(new ImagePlus("mask", mask), mask);
        Analyzer.setRedirectImage(null);
        if (!done) {
            throw new Refused("ImageJ could not analyse plane " + plane + ": "
                    + IJ.getErrorMessage());
        }
        if (results.size() > MOST_LABELS) {
            throw new Refused("There are more than " + MOST_LABELS + " particles in the file,"
                    + " too many for a label image; raise min_area.");
        }
        for (int row = before; row < results.size(); row++) {
            add(row + 1, plane);
        }
        return analyzer.getOutputImage().getProcessor();
    }

    /** Measures objects that are numbered already; touching ones stay apart. */
    private ImageProcessor measureLabels(
            ImageProcessor numbers, ImageProcessor brightness, int plane) throws Refused {
        ShortProcessor kept = new ShortProcessor(numbers.getWidth(), numbers.getHeight());
        Analyzer analyzer =
                new Analyzer(new ImagePlus("", numbers), measurements(brightness), results);
        for (Map.Entry<Integer, Rectangle> object : boxes(numbers).entrySet()) {
            Rectangle box = object.getValue();
            if (options.excludeEdges && (box.x == 0 || box.y == 0
                    || box.x + box.width == numbers.getWidth()
                    || box.y + box.height == numbers.getHeight())) {
                continue;
            }
            ByteProcessor mask = new ByteProcessor(box.width, box.height);
            for (int y = 0; y < box.height; y++) {
                for (int x = 0; x < box.width; x++) {
                    if (numbers.getf(box.x + x, box.y + y) == object.getKey()) {
                        mask.set(x, y, 255);
                    }
                }
            }
            mask.setThreshold(255, 255, ImageProcessor.NO_LUT_UPDATE);
            Roi outline = new ThresholdToSelection().convert(mask);
            outline.setLocation(box.x, box.y);
            ImageProcessor measured = brightness == null ? numbers : brightness;
            measured.setRoi(box);
            measured.setMask(mask);
            ImageStatistics statistics =
                    ImageStatistics.getStatistics(measured, measurements(brightness), null);
            if (options.accepts(statistics.pixelCount, outline.getLength())) {
                analyzer.saveResults(statistics, outline);
                add(object.getKey(), plane);
                for (int i = 0; i < box.width * box.height; i++) {
                    if (mask.get(i) != 0) {
                        kept.set(box.x + i % box.width, box.y + i / box.width, object.getKey());
                    }
                }
            }
        }
        return kept;
    }

    private static Map<Integer, Rectangle> boxes(ImageProcessor numbers) throws Refused {
        Map<Integer, Rectangle> boxes = new TreeMap<>();
        int width = numbers.getWidth();
        Rectangle box = null;
        float last = 0;
        for (int i = 0; i < numbers.getPixelCount(); i++) {
            float value = numbers.getf(i);
            if (value == 0) {
                continue;
            }
            if (box == null || value != last) {
                if (value != Math.rint(value) || value < 0 || value > MOST_LABELS) {
                    throw new Refused("The image holds the value " + CsvFile.number(value)
                            + ", and labels are whole numbers from 0 to " + MOST_LABELS
                            + "; choose another way to find the objects.");
                }
                last = value;
                box = boxes.computeIfAbsent((int) value, label -> new Rectangle(-1, -1));
            }
            box.add(new Rectangle(i % width, i / width, 1, 1));
        }
        return boxes;
    }

    private static int measurements(ImageProcessor brightness) {
        return brightness == null ? SHAPE : SHAPE + BRIGHTNESS;
    }

    private void add(int label, int plane) {
        labels.add(label);
        planes.add(plane);
    }

    private CsvFile table() {
        double[] size = OmeXml.pixelSize(image.getCalibration());
        List<String> columns = new ArrayList<>(List.of("label"));
        columns.addAll(place(1).keySet());
        columns.addAll(measured(-1, size).keySet());
        CsvFile csv = new CsvFile(columns);
        for (int row = 0; row < labels.size(); row++) {
            List<String> cells = new ArrayList<>(List.of(labels.get(row).toString()));
            cells.addAll(place(planes.get(row)).values());
            cells.addAll(measured(row, size).values().stream().map(CsvFile::number).toList());
            csv.row(cells);
        }
        return csv;
    }

    /** Returns where a plane lies along the axes beside Y and X, counted from 0. */
    private Map<String, String> place(int plane) {
        int[] position = image.convertIndexToPosition(plane);
        Map<String, String> place = new LinkedHashMap<>();
        String[] names = {"c", "z", "t"};
        int[] lengths = {image.getNChannels(), image.getNSlices(), image.getNFrames()};
        for (int axis = 2; axis >= 0; axis--) {
            if (lengths[axis] > 1) {
                place.put(names[axis], String.valueOf(position[axis] - 1));
            }
        }
        return place;
    }

    /** Returns the measurements of a row by column; row -1 gives the columns only. */
    private Map<String, Double> measured(int row, double[] size) {
        Map<String, Double> cells = new LinkedHashMap<>();
        double area = value("Area", row);
        // ImageJ counts from the corner of the first pixel, other programs from its centre.
        double x = value("X", row) - 0.5;
        double y = value("Y", row) - 0.5;
        cells.put("area_px", area);
        if (size != null) {
            cells.put("area_um2", area * size[0] * size[1]);
        }
        cells.put("y", y);
        cells.put("x", x);
        if (size != null) {
            cells.put("y_um", y * size[1]);
            cells.put("x_um", x * size[0]);
        }
        cells.put("y_min", value("BY", row));
        cells.put("y_max", value("BY", row) + value("Height", row) - 1);
        cells.put("x_min", value("BX", row));
        cells.put("x_max", value("BX", row) + value("Width", row) - 1);
        boolean isSquare = size != null && Math.abs(size[0] - size[1]) <= 0.01 * size[0];
        LENGTHS.forEach((name, heading) -> {
            double length = value(heading, row);
            cells.put(name + "_px", length);
            if (isSquare) {
                cells.put(name + "_um", length * Math.sqrt(size[0] * size[1]));
            }
        });
        cells.put("angle_deg", value("Angle", row));
        cells.put("feret_angle_deg", value("FeretAngle", row));
        cells.put("circularity", value("Circ.", row));
        cells.put("aspect_ratio", value("AR", row));
        cells.put("roundness", value("Round", row));
        cells.put("solidity", value("Solidity", row));
        if (intensity != null) {
            cells.put("intensity_mean", value("Mean", row));
            cells.put("intensity_std", value("StdDev", row));
            cells.put("intensity_median", value("Median", row));
            cells.put("intensity_min", value("Min", row));
            cells.put("intensity_max", value("Max", row));
            cells.put("intensity_sum", value("RawIntDen", row));
        }
        return cells;
    }

    private double value(String heading, int row) {
        return row < 0 ? Double.NaN : results.getValue(heading, row);
    }
}
