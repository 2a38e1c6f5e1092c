package io.ectowatch.connect.record;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code docs/types.md} says of one type. */
record TypeDoc(String type, String connectType, boolean key) {

    private static final Pattern ROW = Pattern.compile("\\| (`.+?`) \\| ([^|]+?) \\| (yes|no) \\|.*\\|");
    private static final Pattern TYPE = Pattern.compile("`([^`]+)`");

    static List<TypeDoc> read() throws IOException {
        List<TypeDoc> types = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("docs", "types.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                TYPE.matcher(row.group(1))
                        .results()
                        .forEach(type -> types.add(new TypeDoc(
                                type.group(1), row.group(2), row.group(3).equals("yes"))));
            } else if (line.startsWith("|") && !line.startsWith("| PostgreSQL type |") && !line.startsWith("|---")) {
                throw new IllegalStateException("not a row of the types' table: " + line);
            }
        }
        return types;
    }
}
