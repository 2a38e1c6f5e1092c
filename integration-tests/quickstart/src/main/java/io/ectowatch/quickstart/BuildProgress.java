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
 * Prints progress while Maven builds, which can take minutes of downloads, without any output if {@code -q} is given.
 * Java runs this source file, since nothing is compiled yet. Ends when the quickstart deletes the marker, or with
 * Maven.
 */
final class BuildProgress {

    private static final long REPORT_EVERY_MILLIS = 5_000;
    private static final long CHECK_EVERY_MILLIS = 200;

    private BuildProgress() {}

    /** The file that exists while Maven builds. */
    static Path marker() {
        return Path.of(System.getProperty("quickstart.marker", "target/quickstart-building"));
    }

    /** @param arguments Maven's local repository */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path repository = Path.of(arguments[0]);
        Path marker = marker();
        Files.createDirectories(marker.getParent());
        Files.writeString(marker, "");
        FileTime begin = Files.getLastModifiedTime(marker);
        System.out.println("\n  EctoWatch for Kafka Connect: building. The first build downloads about 130 MB.");
        long reported = System.currentTimeMillis();
        // Maven forwards the output. When Maven has ended, writing fails.
        while (Files.exists(marker) && !System.out.checkError()) {
            Thread.sleep(CHECK_EVERY_MILLIS);
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
                return FileVisitResult.CONTINUE; // Maven renames and deletes downloaded files.
            }
        });
        return bytes[0];
    }
}
