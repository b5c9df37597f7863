package flow;

import ij.process.AutoThresholder;
import ij.process.ByteProcessor;
import ij.process.ImageProcessor;
import ij.process.ImageStatistics;

/** What counts as a particle. */
final class ParticleOptions {
    final boolean fillHoles;
    final boolean excludeEdges;
    final double minArea;
    final double maxArea;
    final double minCircularity;
    final double maxCircularity;

    private final String objects;
    private final AutoThresholder.Method method;
    private final boolean isBackgroundDark;
    private final double lower;
    private final double upper;

    ParticleOptions(Options given) throws Refused {
        objects = given.text("objects");
        String methodName = given.text("method");
        String background = given.text("background");
        lower = given.number("lower");
        upper = given.number("upper");
        minArea = given.number("min-area");
        double largest = given.number("max-area");
        maxArea = largest == 0 ? Double.POSITIVE_INFINITY : largest;
        minCircularity = given.number("min-circularity");
        maxCircularity = given.number("max-circularity");
        fillHoles = given.flag("fill-holes");
        excludeEdges = given.flag("exclude-edges");
        isBackgroundDark = background.equals("dark");
        try {
            method = AutoThresholder.Method.valueOf(methodName);
        } catch (IllegalArgumentException error) {
            throw new Refused("ImageJ has no threshold method '" + methodName + "'.");
        }
        ordered("min_area", minArea, "max_area", maxArea);
        ordered("min_circularity", minCircularity, "max_circularity", maxCircularity);
        if (objects.equals("range")) {
            ordered("lower", lower, "upper", upper);
        }
    }

    private static void ordered(String lowName, double low, String highName, double high)
            throws Refused {
        if (low > high) {
            throw new Refused(lowName + " (" + CsvFile.number(low) + ") is above " + highName + " ("
                    + CsvFile.number(high) + "), so nothing can be found; lower it.");
        }
    }

    /** Whether the image holds numbered objects. */
    boolean isLabels() {
        return objects.equals("labels");
    }

    /** Whether the image holds brightness, and not a mask or labels. */
    boolean isThresholded() {
        return objects.equals("range") || objects.equals("auto");
    }

    /** Whether a particle of this size and outline is wanted; ImageJ's own rule. */
    boolean accepts(double pixels, double perimeter) {
        double circularity =
                perimeter == 0 ? 0 : Math.min(1, 4 * Math.PI * pixels / (perimeter * perimeter));
        return pixels >= minArea && pixels <= maxArea
                && circularity >= minCircularity && circularity <= maxCircularity;
    }

    /** Returns 255 where there is an object and 0 elsewhere. */
    ByteProcessor mask(ImageProcessor pixels) throws Refused {
        double from = Float.MIN_VALUE;
        double to = Double.POSITIVE_INFINITY;
        switch (objects) {
            case "mask" -> { }
            case "range" -> {
                from = lower;
                to = upper;
            }
            case "auto" -> {
                ImageStatistics range =
                        ImageStatistics.getStatistics(pixels, ImageStatistics.MIN_MAX, null);
                if (range.min == range.max) { // nothing stands out of an even plane
                    return new ByteProcessor(pixels.getWidth(), pixels.getHeight());
                }
                pixels.resetMinAndMax();
                pixels.setAutoThreshold(method, isBackgroundDark, ImageProcessor.NO_LUT_UPDATE);
                from = pixels.getMinThreshold();
                to = pixels.getMaxThreshold();
            }
            default -> throw new Refused("There is no way to find objects called '" + objects
                    + "'; choose mask, labels, range or auto.");
        }
        ByteProcessor mask = new ByteProcessor(pixels.getWidth(), pixels.getHeight());
        for (int i = 0; i < pixels.getPixelCount(); i++) {
            float value = pixels.getf(i);
            if (value >= from && value <= to) {
                mask.set(i, 255);
            }
        }
        return mask;
    }
}
