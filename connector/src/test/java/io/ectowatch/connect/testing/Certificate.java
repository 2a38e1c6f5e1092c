package io.ectowatch.connect.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.Base64;

/**
 * A host's certificate, signed by itself, as PEM files; a client that trusts it trusts that host.
 *
 * @param certificate the file with the certificate
 * @param key the file with its private key
 */
public record Certificate(Path certificate, Path key) {

    private static final String PASSWORD = "changeit";

    /** Makes one for that address, in that directory. */
    public static Certificate of(String address, Path directory) throws Exception {
        Path store = directory.resolve("store.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "RSA",
                        "-alias",
                        "host",
                        "-dname",
                        "CN=" + address,
                        "-ext",
                        "san=ip:" + address,
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes());
        if (keytool.waitFor() != 0) {
            throw new IllegalStateException("keytool: " + output);
        }
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        Path certificate = directory.resolve("host.crt");
        Files.writeString(
                certificate, pem("CERTIFICATE", keys.getCertificate("host").getEncoded()));
        // PostgreSQL takes no key that others can read.
        Path key = Files.createFile(
                directory.resolve("host.key"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                key,
                pem("PRIVATE KEY", keys.getKey("host", PASSWORD.toCharArray()).getEncoded()));
        return new Certificate(certificate, key);
    }

    private static String pem(String what, byte[] bytes) {
        String lines = Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(bytes);
        return "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n";
    }
}
