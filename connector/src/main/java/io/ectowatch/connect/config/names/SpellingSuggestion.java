package io.ectowatch.connect.config.names;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Suggests a valid word for a misspelt one. */
public final class SpellingSuggestion {

    /** Longer words are no typing mistakes, and comparing them would take long. */
    private static final int LONGEST = 200;

    private SpellingSuggestion() {}

    private record Candidate(String word, int distance) {}

    /**
     * The candidate closest to {@code word}: at most two letters away, or a third of its length, whichever is more,
     * and with something in common. Case is ignored. Empty if none is close.
     */
    public static Optional<String> closest(String word, Collection<String> candidates) {
        return within(Math.max(2, word.length() / 3), word, candidates);
    }

    /** As a sentence that follows another: {@code " Did you mean users?"}, or empty without a suggestion. */
    public static String hint(String word, Collection<String> candidates) {
        return closest(word, candidates)
                .map(close -> " Did you mean " + close + "?")
                .orElse("");
    }

    /** The closest candidate that is at most {@code limit} letters away. */
    public static Optional<String> within(int limit, String word, Collection<String> candidates) {
        if (word.length() > LONGEST) {
            return Optional.empty();
        }
        String wanted = word.toLowerCase(Locale.ROOT);
        return candidates.stream()
                // If the lengths differ by more than the limit, the words do: this skips most of a large catalog.
                .filter(candidate -> Math.abs(candidate.length() - word.length()) <= limit)
                .map(candidate -> new Candidate(candidate, distance(wanted, candidate.toLowerCase(Locale.ROOT))))
                .filter(candidate -> candidate.distance() <= limit
                        && candidate.distance()
                                < Math.max(word.length(), candidate.word().length()))
                .min(Comparator.comparingInt(Candidate::distance)
                        .thenComparing(candidate -> startAlike(wanted, candidate.word()) ? 0 : 1)
                        .thenComparing(Candidate::word))
                .map(Candidate::word);
    }

    /** The first letter is rarely mistyped. */
    private static boolean startAlike(String wanted, String candidate) {
        return candidate.toLowerCase(Locale.ROOT).regionMatches(0, wanted, 0, 1);
    }

    /**
     * How many letters must be inserted, deleted, replaced or swapped with their neighbour to turn one word into the
     * other (optimal string alignment).
     */
    private static int distance(String left, String right) {
        int[] beforeLast = new int[right.length() + 1];
        int[] last = new int[right.length() + 1];
        int[] current = new int[right.length() + 1];
        for (int column = 0; column <= right.length(); column++) {
            last[column] = column;
        }
        for (int row = 1; row <= left.length(); row++) {
            current[0] = row;
            for (int column = 1; column <= right.length(); column++) {
                boolean same = left.charAt(row - 1) == right.charAt(column - 1);
                int least =
                        Math.min(last[column - 1] + (same ? 0 : 1), 1 + Math.min(last[column], current[column - 1]));
                boolean swapped = row > 1
                        && column > 1
                        && left.charAt(row - 1) == right.charAt(column - 2)
                        && left.charAt(row - 2) == right.charAt(column - 1);
                current[column] = swapped ? Math.min(least, beforeLast[column - 2] + 1) : least;
            }
            int[] oldest = beforeLast;
            beforeLast = last;
            last = current;
            current = oldest;
        }
        return last[right.length()];
    }
}
