package flow;

import ij.IJ;
import ij.ImagePlus;
import ij.ImageStack;
import ij.measure.Calibration;
import java.io.IOException;
import java.io.StringReader;
import java.util.Arrays;
import java.util.Locale;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The part of OME-XML that says what the planes of a TIFF file are. */
final class OmeXml {
    private static final String NAMESPACE = "http://www.openmicroscopy.org/Schemas/OME/2016-06";

    private OmeXml() {}

    /** Gives an image, as ImageJ opened it, the axes and pixel size that its XML tells. */
    static void apply(String xml, ImagePlus image, String what) throws Refused {
        Element pixels = firstPixels(xml.strip(), what);
        int channels = size(pixels, "SizeC") / samples(pixels);
        int slices = size(pixels, "SizeZ");
        int frames = size(pixels, "SizeT");
        if (channels * slices * frames != image.getStackSize()) {
            throw new Refused("The " + what + " holds " + image.getStackSize() + " planes where its OME-XML"
                    + " names " + channels * slices * frames + "; save one series per file.");
        }
        reorder(pixels, image, channels, slices, frames, what);
        image.setDimensions(channels, slices, frames);
        Calibration calibration = new Calibration(image);
        double x = micrometres(pixels, "PhysicalSizeX");
        double y = micrometres(pixels, "PhysicalSizeY");
        double z = micrometres(pixels, "PhysicalSizeZ");
        if (x > 0 || y > 0) {
            calibration.setUnit("um");
            calibration.pixelWidth = x > 0 ? x : y;
            calibration.pixelHeight = y > 0 ? y : x;
            calibration.pixelDepth = z > 0 ? z : 1;
        }
        String step = pixels.getAttribute("TimeIncrement");
        String stepUnit = pixels.getAttribute("TimeIncrementUnit");
        if (!step.isEmpty() && (stepUnit.isEmpty() || stepUnit.equals("s"))) {
            calibration.frameInterval = Double.parseDouble(step);
        }
        image.setCalibration(calibration);
    }

    private static Element firstPixels(String xml, String what) throws Refused {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null); // errors are thrown, not printed
            Document document = builder.parse(new InputSource(new StringReader(xml)));
            NodeList found = document.getElementsByTagNameNS("*", "Pixels");
            if (found.getLength() > 0) {
                return (Element) found.item(0);
            }
            throw new Refused("The OME-XML of the " + what + " describes no pixels; save it anew.");
        } catch (ParserConfigurationException | SAXException | IOException error) {
            throw new Refused("The OME-XML of the " + what + " cannot be read ("
                    + error.getMessage() + "); save it anew.");
        }
    }

    private static int size(Element pixels, String attribute) {
        String text = pixels.getAttribute(attribute);
        return text.isEmpty() ? 1 : Integer.parseInt(text.strip());
    }

    private static int samples(Element pixels) {
        NodeList channels = pixels.getElementsByTagNameNS("*", "Channel");
        return channels.getLength() == 0
                ? 1 : size((Element) channels.item(0), "SamplesPerPixel");
    }

    /** Sorts the planes into ImageJ's order: channel first, then slice, then frame. */
    private static void reorder(
            Element pixels, ImagePlus image, int channels, int slices, int frames, String what)
            throws Refused {
        String order = pixels.getAttribute("DimensionOrder").toUpperCase(Locale.ROOT);
        order = order.startsWith("XY") ? order.substring(2) : "CZT";
        int planes = channels * slices * frames;
        int[] source = new int[planes]; // plane of the file + 1, by place in ImageJ's order
        int next = 0;
        NodeList blocks = pixels.getElementsByTagNameNS("*", "TiffData");
        for (int block = 0; block < Math.max(1, blocks.getLength()); block++) {
            int[] at = new int[3]; // along the letters of `order`
            int plane = next;
            int count = planes;
            if (blocks.getLength() > 0) {
                Element data = (Element) blocks.item(block);
                for (int axis = 0; axis < 3; axis++) {
                    at[axis] = attribute(data, "First" + order.charAt(axis), 0);
                }
                plane = attribute(data, "IFD", next);
                // Without a count, a block with an IFD is one plane (OME-TIFF specification).
                count = attribute(data, "PlaneCount", data.hasAttribute("IFD") ? 1 : planes);
            }
            for (int i = 0; i < count && plane < planes; i++, plane++) {
                int place = place(order, at, channels, slices, frames);
                if (place < planes) {
                    source[place] = plane + 1;
                }
                advance(order, at, channels, slices, frames);
            }
            next = plane;
        }
        if (Arrays.stream(source).distinct().count() != planes
                || Arrays.stream(source).anyMatch(plane -> plane == 0)) {
            throw new Refused("The OME-XML of the " + what + " does not say which plane is which;"
                    + " save each image as one complete file.");
        }
        ImageStack stack = image.getStack();
        ImageStack sorted = new ImageStack(image.getWidth(), image.getHeight());
        for (int plane : source) {
            sorted.addSlice(null, stack.getPixels(plane));
        }
        image.setStack(sorted);
    }

    private static int attribute(Element element, String name, int fallback) {
        return element.hasAttribute(name)
                ? Integer.parseInt(element.getAttribute(name).strip()) : fallback;
    }

    private static int length(char axis, int channels, int slices, int frames) {
        return switch (axis) {
            case 'C' -> channels;
            case 'Z' -> slices;
            default -> frames;
        };
    }

    private static int place(String order, int[] at, int channels, int slices, int frames) {
        int c = at[order.indexOf('C')];
        int z = at[order.indexOf('Z')];
        int t = at[order.indexOf('T')];
        return c + channels * (z + slices * t);
    }

    private static void advance(String order, int[] at, int channels, int slices, int frames) {
        for (int axis = 0; axis < 3; axis++) {
            if (++at[axis] < length(order.charAt(axis), channels, slices, frames) || axis == 2) {
                return;
            }
            at[axis] = 0;
        }
    }

    private static double micrometres(Element pixels, String attribute) {
        String text = pixels.getAttribute(attribute);
        if (text.isEmpty()) {
            return 0;
        }
        String unit = pixels.getAttribute(attribute + "Unit");
        return Double.parseDouble(text) * factor(unit.isEmpty() ? "um" : unit);
    }

    /**
     * Returns how many micrometres a pixel is wide, high and deep, or null if that is not known.
     *
     * <p>Sizes in inches, and those above 100 um in centimetres, are dots of a printer.
     */
    static double[] pixelSize(Calibration calibration) {
        double factor = calibration.scaled() ? factor(calibration.getUnit()) : 0;
        double width = calibration.pixelWidth * factor;
        if (width <= 0 || calibration.getUnit().equals("cm") && width > 100) {
            return null;
        }
        return new double[] {width, calibration.pixelHeight * factor, calibration.pixelDepth * factor};
    }

    /** Returns how many micrometres a unit of length has; 0 if it is not one. */
    private static double factor(String unit) {
        return switch (unit.toLowerCase(Locale.ROOT).replace('\u00b5', 'u').replace('\u03bc', 'u')) {
            case "um", "micron", "microns", "micrometer", "micrometre" -> 1;
            case "nm", "nanometer", "nanometre" -> 1e-3;
            case "mm", "millimeter", "millimetre" -> 1e3;
            case "cm" -> 1e4;
            case "m" -> 1e6;
            case "\u00e5", "angstrom" -> 1e-4;
            default -> 0;
        };
    }

    /** Describes an image; only ASCII, as the TIFF tag wants. */
    static String of(ImagePlus image) {
        boolean colour = image.getBitDepth() == 24;
        int channels = image.getNChannels();
        Calibration calibration = image.getCalibration();
        double[] size = pixelSize(calibration);
        StringBuilder xml = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        xml.append("<OME xmlns=\"").append(NAMESPACE)
                .append("\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"")
                .append(" xsi:schemaLocation=\"").append(NAMESPACE).append(' ').append(NAMESPACE)
                .append("/ome.xsd\" Creator=\"ImageJ ").append(IJ.getVersion()).append("\">");
        xml.append("<Image ID=\"Image:0\"><Pixels ID=\"Pixels:0\" DimensionOrder=\"XYCZT\"");
        attribute(xml, "Type", switch (image.getBitDepth()) {
            case 8, 24 -> "uint8";
            case 16 -> "uint16";
            default -> "float";
        });
        attribute(xml, "SizeX", image.getWidth());
        attribute(xml, "SizeY", image.getHeight());
        attribute(xml, "SizeC", colour ? 3 * channels : channels);
        attribute(xml, "SizeZ", image.getNSlices());
        attribute(xml, "SizeT", image.getNFrames());
        attribute(xml, "BigEndian", "true");
        if (size != null) {
            attribute(xml, "PhysicalSizeX", size[0]);
            attribute(xml, "PhysicalSizeY", size[1]);
            if (image.getNSlices() > 1) {
                attribute(xml, "PhysicalSizeZ", size[2]);
            }
        }
        if (image.getNFrames() > 1 && calibration.frameInterval > 0
                && calibration.getTimeUnit().startsWith("s")) {
            attribute(xml, "TimeIncrement", calibration.frameInterval);
        }
        xml.append('>');
        for (int channel = 0; channel < channels; channel++) {
            xml.append("<Channel ID=\"Channel:0:").append(channel)
                    .append("\" SamplesPerPixel=\"").append(colour ? 3 : 1).append("\"/>");
        }
        xml.append("<TiffData IFD=\"0\" PlaneCount=\"").append(image.getStackSize())
                .append("\"/></Pixels></Image></OME>");
        return xml.toString();
    }

    private static void attribute(StringBuilder xml, String name, Object value) {
        xml.append(' ').append(name).append("=\"").append(value).append('"');
    }
}
