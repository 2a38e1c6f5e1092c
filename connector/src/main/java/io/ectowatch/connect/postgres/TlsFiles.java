package io.ectowatch.connect.postgres;

import io.ectowatch.connect.log.RepeatedLog;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.sql.SQLException;
import java.util.Properties;
import org.postgresql.PGProperty;
import org.postgresql.jdbc.SslMode;
import org.postgresql.util.PSQLException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks the TLS files that a configuration names. The driver opens them with the worker's rights; a device would
 * fill the worker's memory without end. The worker's log says what is wrong with a file. The response to the client
 * says only that the file cannot be used, so that it does not disclose which files the worker has.
 */
final class TlsFiles {

    private static final Logger log = LoggerFactory.getLogger(TlsFiles.class);

    private static final RepeatedLog REPEATED = new RepeatedLog();

    private static final long MOST_BYTES = 1024 * 1024;

    private TlsFiles() {}

    /**
     * @param properties all properties for the driver, those in the URL included
     * @throws SQLException if the driver could not use a file
     */
    static void check(Properties properties) throws SQLException {
        SslMode mode;
        try {
            mode = SslMode.of(properties);
        } catch (PSQLException e) {
            throw new SQLException(e.getMessage(), SqlStates.CONNECTION_FAILED, e);
        }
        if (mode == SslMode.DISABLE) {
            return;
        }
        if (mode.verifyCertificate()) {
            check(PGProperty.SSL_ROOT_CERT, properties, true);
        }
        check(PGProperty.SSL_CERT, properties, true);
        check(PGProperty.SSL_KEY, properties, false);
    }

    private static void check(PGProperty property, Properties properties, boolean certificates) throws SQLException {
        String name = property.getOrDefault(properties);
        if (name == null || name.isEmpty()) {
            return;
        }
        try {
            Path file = Path.of(name);
            if (!Files.isRegularFile(file)) {
                throw new IOException("It does not exist, or is not a regular file.");
            }
            if (Files.size(file) > MOST_BYTES) {
                throw new IOException("It is larger than " + MOST_BYTES + " bytes.");
            }
            if (!Files.isReadable(file)) {
                throw new IOException("The worker's operating system user is not allowed to read it.");
            }
            if (certificates) {
                checkCertificates(file);
            }
        } catch (IOException | CertificateException | InvalidPathException e) {
            // Each new session reads the file again.
            REPEATED.log(
                    property.getName() + name + e.getMessage(),
                    more -> log.warn("{}: cannot use {}: {}{}", property.getName(), name, e.getMessage(), more));
            throw new SQLException(
                    property.getName() + ": " + name + " is not a file "
                            + (certificates ? "with certificates " : "")
                            + "that the worker can use (SSL). See the worker's log for the reason",
                    SqlStates.CONNECTION_FAILED);
        }
    }

    private static void checkCertificates(Path file) throws IOException, CertificateException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw new CertificateException("It contains no certificate.");
            }
        }
    }
}
