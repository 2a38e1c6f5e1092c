package io.ectowatch.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Reads a system property that selects items by their names, separated by commas. */
final class Selection {

    private Selection() {}

    /**
     * The items that the property names, in the order of {@code all}. The usual ones if the property is not set.
     *
     * @throws IllegalArgumentException if a name is unknown; the message lists the known names
     */
    static <T> List<T> of(String property, List<T> all, List<T> usual, Function<T, String> name) {
        return of(property, System.getProperty(property, ""), all, usual, name);
    }

    static <T> List<T> of(String property, String given, List<T> all, List<T> usual, Function<T, String> name) {
        Map<String, T> known = new LinkedHashMap<>();
        all.forEach(one -> known.put(name.apply(one), one));
        if (given.isBlank()) {
            return usual;
        }
        List<String> wanted = Arrays.stream(given.split(",")).map(String::strip).toList();
        for (String one : wanted) {
            if (!known.containsKey(one)) {
                throw new IllegalArgumentException("-D%s: unknown name %s. Choose from: %s"
                        .formatted(property, one, String.join(", ", known.keySet())));
            }
        }
        return all.stream().filter(one -> wanted.contains(name.apply(one))).toList();
    }
}
