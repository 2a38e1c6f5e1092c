package io.ectowatch.connect.postgres;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** Hashes lists of texts; the texts are hashed separately. Not thread-safe: it is for many lists in a row. */
public final class TextHash {

    private static final HexFormat HEX = HexFormat.of();

    private final MessageDigest sha;
    private final byte[] result;
    private final int digits;

    /** @param digits how many hexadecimal digits a hash has: an even number, at most 64 */
    public TextHash(int digits) {
        this.digits = digits;
        try {
            sha = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is not available", e);
        }
        result = new byte[sha.getDigestLength()];
    }

    /** The first digits of the SHA-256 over the texts. */
    public String of(List<String> texts) {
        sha.reset();
        for (String text : texts) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            sha.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            sha.update(bytes);
        }
        byte[] hash = sha.digest();
        System.arraycopy(hash, 0, result, 0, hash.length);
        return HEX.formatHex(result, 0, digits / 2);
    }
}
