package io.ectowatch.connect.install;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An SQL text beside this class with <code>${places}</code> to be filled in, each once: what is filled in is not read again. */
final class Template {

    private static final Pattern PLACE = Pattern.compile("\\$\\{([a-z0-9 ]+)}");

    private final String name;
    private final String text;

    private Template(String name, String text) {
        this.name = name;
        this.text = text;
    }

    static Template load(String name) {
        try (InputStream in = Template.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the connector's jar lacks " + name);
            }
            return new Template(name, new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }

    /** The text with every place filled; each place of the text must be among {@code values}. */
    String fill(Map<String, String> values) {
        return PLACE.matcher(text).replaceAll(place -> {
            String value = values.get(place.group(1));
            if (value == null) {
                throw new IllegalArgumentException(name + " has a place without a value: " + place.group());
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
