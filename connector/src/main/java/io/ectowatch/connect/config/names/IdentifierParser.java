package io.ectowatch.connect.config.names;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Reads names as in SQL: commas separate entries, dots separate the parts of an entry. A part is either plain (folded
 * to lower case, {@code *} is a glob) or completely in double quotes (taken literally, {@code ""} is a quote). Blanks
 * around commas and dots are ignored.
 */
public final class IdentifierParser {

    private static final int SHOWN = 100;

    private final String text;
    private int position;
    private int entryStart;

    private IdentifierParser(String text) {
        this.text = text;
    }

    /**
     * The entries of a list, each with its parts; none for a blank text.
     *
     * @throws IllegalArgumentException with a sentence for the user, if the text is not valid
     */
    public static List<List<Identifier>> parse(String text) {
        return text.isBlank() ? List.of() : new IdentifierParser(text).entries();
    }

    private List<List<Identifier>> entries() {
        List<List<Identifier>> entries = new ArrayList<>();
        do {
            entryStart = position;
            entries.add(parts());
        } while (accept(','));
        if (position < text.length()) {
            throw bad(
                    isBlank(text.charAt(position - 1))
                            ? "contains a blank. Separate names with a comma, or put a name with a blank in double"
                                    + " quotes"
                            : "continues after a closing quote. Put the whole name in double quotes, and write a"
                                    + " double quote in it twice");
        }
        return entries;
    }

    private List<Identifier> parts() {
        List<Identifier> parts = new ArrayList<>();
        do {
            parts.add(part());
        } while (accept('.'));
        return parts;
    }

    private Identifier part() {
        skipBlanks();
        Identifier part = position < text.length() && text.charAt(position) == '"' ? quoted() : plain();
        skipBlanks();
        return part;
    }

    private Identifier quoted() {
        StringBuilder name = new StringBuilder();
        position++;
        while (true) {
            int quote = text.indexOf('"', position);
            if (quote < 0) {
                throw bad("has a double quote that is not closed");
            }
            name.append(text, position, quote);
            position = quote + 1;
            if (position == text.length() || text.charAt(position) != '"') {
                break;
            }
            name.append('"');
            position++;
        }
        if (name.isEmpty()) {
            throw bad("has an empty name in double quotes");
        }
        return checked(new Identifier(name.toString(), false));
    }

    private Identifier plain() {
        StringBuilder name = new StringBuilder();
        while (position < text.length() && !endsPlain(text.charAt(position))) {
            int letter = text.codePointAt(position);
            if (letter == '"') {
                throw bad("has a double quote within a name. Put the whole name in double quotes, and write a double"
                        + " quote in it twice");
            }
            if (letter != '*' && !Identifier.isPlain(letter)) {
                throw bad("contains " + described(letter) + ". Put a name with such a character in double quotes");
            }
            name.appendCodePoint(Identifier.fold(letter));
            position += Character.charCount(letter);
        }
        if (name.isEmpty()) {
            throw shown().isEmpty()
                    ? new IllegalArgumentException("An entry of the list is empty. Remove the extra comma.")
                    : bad("has no name before or after a dot. Write schema.table");
        }
        return checked(new Identifier(name.toString(), name.indexOf("*") >= 0));
    }

    private Identifier checked(Identifier part) {
        // A glob can be longer than a name, since a star may match nothing.
        Identifier.obstacle(part.isGlob() ? part.text().replace("*", "") : part.text())
                .ifPresent(obstacle -> {
                    throw bad(obstacle);
                });
        return part;
    }

    private boolean accept(char separator) {
        if (position < text.length() && text.charAt(position) == separator) {
            position++;
            return true;
        }
        return false;
    }

    private static boolean endsPlain(char letter) {
        return letter == '.' || letter == ',' || isBlank(letter);
    }

    private void skipBlanks() {
        while (position < text.length() && isBlank(text.charAt(position))) {
            position++;
        }
    }

    private static boolean isBlank(char letter) {
        return letter == ' ' || letter >= '\t' && letter <= '\r';
    }

    private IllegalArgumentException bad(String what) {
        return new IllegalArgumentException(shown() + " " + what + ".");
    }

    /** The current entry, up to the next comma. */
    private String shown() {
        int comma = text.indexOf(',', position);
        String entry =
                text.substring(entryStart, comma < 0 ? text.length() : comma).strip();
        return entry.length() <= SHOWN ? entry : entry.substring(0, SHOWN) + "...";
    }

    private static String described(int letter) {
        return letter > ' ' && letter < 0x7F
                ? "the character " + Character.toString(letter)
                : String.format(Locale.ROOT, "the character U+%04X", letter);
    }
}
