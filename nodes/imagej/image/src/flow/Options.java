package flow;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Command line options, each spelled {@code --name=value}. */
final class Options {
    private final Map<String, String> values = new LinkedHashMap<>();

    Options(Iterable<String> arguments) throws Refused {
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 0) {
                throw new Refused("'" + argument + "' is not spelled --name=value.");
            }
            values.put(argument.substring(2, equals), argument.substring(equals + 1));
        }
    }

    /** Returns the value of an option that must be there. */
    String text(String name) throws Refused {
        String value = values.remove(name);
        if (value == null) {
            throw new Refused("The option --" + name + "=... is missing.");
        }
        return value;
    }

    /** Returns the value of an option, or {@code fallback} if it is not given. */
    String text(String name, String fallback) {
        String value = values.remove(name);
        return value == null ? fallback : value;
    }

    double number(String name) throws Refused {
        String value = text(name);
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException error) {
            throw new Refused("--" + name + " wants a number, not '" + value + "'.");
        }
    }

    boolean flag(String name) throws Refused {
        String value = text(name);
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Refused(
                    "--" + name + " wants true or false, not '" + value + "'.");
        };
    }

    /** Refuses options that nobody asked for: a spelling mistake must not pass silently. */
    void done() throws Refused {
        if (!values.isEmpty()) {
            String names = String.join(", --", Collections.unmodifiableSet(values.keySet()));
            throw new Refused("The option --" + names + " is not known here.");
        }
    }
}
