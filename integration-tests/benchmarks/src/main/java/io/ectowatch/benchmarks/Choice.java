package io.ectowatch.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a system property chooses by names, with commas between them. */
final class Choice {

    private Choice() {}

    /**
     * Those that the property names, in the order of all; all of them when it is not set.
     *
     * @throws IllegalArgumentException when it names one that is not known; the message lists those that are
     */
    static <T> List<T> of(String property, List<T> all, Function<T, String> name) {
        return of(property, System.getProperty(property, ""), all, name);
    }

    static <T> List<T> of(String property, String given, List<T> all, Function<T, String> name) {
        Map<String, T> known = new LinkedHashMap<>();
        all.forEach(one -> known.put(name.apply(one), one));
        if (given.isBlank()) {
            return all;
        }
        List<String> wanted = Arrays.stream(given.split(",")).map(String::strip).toList();
        for (String one : wanted) {
            if (!known.containsKey(one)) {
                throw new IllegalArgumentException("-D%s: %s is not known; known are: %s"
                        .formatted(property, one, String.join(", ", known.keySet())));
            }
        }
        return all.stream().filter(one -> wanted.contains(name.apply(one))).toList();
    }
}
