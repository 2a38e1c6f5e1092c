package io.ectowatch.it.faults;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.ectowatch.it.faults.PublishedChanges.Difference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * What one fault has led to.
 *
 * @param changes committed changes since the fault before
 * @param differences what was published since then, for each table
 * @param firstMs from the fault's end to the first record
 * @param caughtUpMs from the fault's end until all changes that were committed at its end had arrived
 * @param restarts how often a failed task had to be restarted
 * @param notes parameters of the fault, and errors
 */
record Outcome(
        String mode,
        long seed,
        int number,
        String fault,
        int changes,
        Collection<Difference> differences,
        long firstMs,
        long caughtUpMs,
        int restarts,
        List<String> notes) {

    private static final ObjectMapper JSON = new ObjectMapper();

    int sum(ToIntFunction<Difference> value) {
        return differences.stream().mapToInt(value).sum();
    }

    /** Whether it agrees with what is promised. */
    boolean isGood() {
        // The records of an altered offset were asked for.
        boolean mayRepeat = mode.equals("at-least-once") || fault.equals("offsets altered");
        return differences.stream().allMatch(this::isPromised) && (mayRepeat || sum(Difference::duplicates) == 0);
    }

    /** A table that is renamed when the connector looks for it is not watched for some time. A resync says so. */
    private boolean isPromised(Difference difference) {
        boolean onlyLacks = difference.phantoms() + difference.disorders() == 0;
        return difference.isEmpty() || fault.equals("table renamed and back") && difference.resyncs() > 0 && onlyLacks;
    }

    /** Appends it to a file, as one line of JSON. */
    void append(Path file) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("at", Instant.now().toString());
        fields.put("commit", System.getProperty("faults.commit", ""));
        fields.put("mode", mode);
        fields.put("seed", seed);
        fields.put("number", number);
        fields.put("fault", fault);
        fields.put("changes", changes);
        fields.put("records", sum(Difference::records));
        fields.put("duplicates", sum(Difference::duplicates));
        fields.put("resyncs", sum(Difference::resyncs));
        fields.put("losses", sum(Difference::losses));
        fields.put("phantoms", sum(Difference::phantoms));
        fields.put("disorders", sum(Difference::disorders));
        fields.put("wrongRows", sum(Difference::wrongRows));
        fields.put("firstMs", firstMs);
        fields.put("caughtUpMs", caughtUpMs);
        fields.put("restarts", restarts);
        fields.put("good", isGood());
        fields.put("notes", notes);
        fields.put(
                "examples",
                differences.stream().flatMap(each -> each.examples().stream()).toList());
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file, JSON.writeValueAsString(fields) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
