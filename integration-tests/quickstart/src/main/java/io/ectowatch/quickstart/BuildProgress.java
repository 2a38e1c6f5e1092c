package io.ectowatch.quickstart;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Locale;

/**
 * Shows that something is going on while Maven builds, which may mean minutes of downloads and, with {@code -q}, silence.
 * Run from its source, before anything is compiled; ends when the quickstart removes the marker, or with Maven.
 */
final class BuildProgress {

    private static final long REPORT_EVERY_MILLIS = 5_000;
    private static final long LOOK_EVERY_MILLIS = 200;

    private BuildProgress() {}

    /** Exists while Maven builds. */
    static Path marker() {
        return Path.of(System.getProperty("quickstart.marker", "target/quickstart-building"));
    }

    /** The argument is Maven's local repository. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path repository = Path.of(arguments[0]);
        Path marker = marker();
        Files.createDirectories(marker.getParent());
        Files.writeString(marker, "");
        FileTime begin = Files.getLastModifiedTime(marker);
        System.out.println(
                "\n  EctoWatch for Kafka Connect: building it. The first time, Maven downloads some 130 MB.");
        long reported = System.currentTimeMillis();
        // Output goes through Maven: once that is gone, it cannot be written.
        while (Files.exists(marker) && !System.out.checkError()) {
            Thread.sleep(LOOK_EVERY_MILLIS);
            long now = System.currentTimeMillis();
            if (now - reported >= REPORT_EVERY_MILLIS) {
                reported = now;
                long megabytes = bytesSince(begin, repository) / 1_000_000;
                System.out.printf(
                        Locale.ROOT,
                        "  %3d s   %s%n",
                        (now - begin.toMillis()) / 1000,
                        megabytes == 0 ? "building" : megabytes + " MB downloaded");
            }
        }
    }

    private static long bytesSince(FileTime begin, Path repository) throws IOException {
        long[] bytes = new long[1];
        Files.walkFileTree(repository, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.lastModifiedTime().compareTo(begin) >= 0) {
                    bytes[0] += attributes.size();
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE; // Maven renames and removes what it has downloaded.
            }
        });
        return bytes[0];
    }
}
