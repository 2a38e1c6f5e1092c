package io.ectowatch.it.database;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A certificate authority, and certificates that it signs, as PEM files. Needs the program openssl. */
final class Certificates {

    private final Path directory;

    /** Creates the authority in a new directory. */
    Certificates(Path directory) throws IOException, InterruptedException {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(path -> Files.isExecutable(Path.of(path, "openssl"))),
                "openssl is installed");
        this.directory = Files.createDirectory(directory);
        openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout ca.key -out ca.crt");
    }

    /** The certificate of the authority. */
    Path authority() {
        return directory.resolve("ca.crt");
    }

    /** Creates a certificate with this common name, which is also that of its files. Returns it. */
    Path issue(String name) throws IOException, InterruptedException {
        Files.writeString(directory.resolve("extensions"), "subjectAltName=IP:127.0.0.1\n");
        openssl("req -newkey rsa:2048 -nodes -subj /CN=" + name + " -keyout " + name + ".key -out " + name + ".csr");
        openssl("x509 -req -days 2 -in " + name
                + ".csr -CA ca.crt -CAkey ca.key -CAcreateserial -extfile extensions -out " + name + ".crt");
        return directory.resolve(name + ".crt");
    }

    /** The private key of a certificate. */
    static Path keyOf(Path certificate) {
        return Path.of(certificate.toString().replaceFirst("\\.crt$", ".key"));
    }

    private void openssl(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments.split(" ")));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes());
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + output);
        }
    }
}
