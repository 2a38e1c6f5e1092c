package io.ectowatch.connect;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Finds archaic or unclear phrases in Markdown, SQL, Java, XML and shell texts, each with the line on which it begins. */
final class BannedPhrases {

    private static final Map<String, String> BETTER = new LinkedHashMap<>();

    static {
        // "empty if there is none" is plain; see PHRASES.
        ban("is not valid, or does not exist", "is none", "are none", "is none of", "none of ours");
        ban("anyone who, a session that", "whoever", "whomever", "whosoever");
        ban("receive, capture", "hear of", "hears of", "heard of");
        ban(
                "capture, publish, announce, say",
                "is told",
                "are told",
                "was told",
                "were told",
                "be told",
                "being told",
                "told as",
                "told by",
                "tell of",
                "tells of",
                "tells how",
                "tell apart");
        ban("publish, pass", "handed on", "hands on", "hand on", "handed over to kafka");
        ban("of your own, its own, separate", "of one's own", "as one likes");
        ban("the connector's", "what is ours", "of ours", "are ours", "is ours", "ours is", "of ours is");
        ban(
                "another role's, not owned by the connector",
                "somebody else's",
                "nobody's",
                "anybody else's",
                "a stranger");
        ban("someone else, another role", "somebody else", "anybody else");
        ban("at that time, already", "by then");
        ban("arrives, results in", "comes to", "come to pass");
        ban("must be, will be", "that is to be", "that are to be", "is not to be had", "is to be had");
        ban("is scheduled, must run", "is due", "are due");
        ban("leave it out", "as it were", "thereby", "hither", "thither", "lest", "albeit", "whence", "wherein");
        ban("for lack of", "for want of");
        ban("needlessly", "in vain");
        ban("read, check", "next look", "each look", "another look", "two looks", "a glance", "at a glance");
        ban("again; re-create", "anew");
        ban("running", "is at work", "at work already", "are at work", "not at work");
        ban("not ... either", "and nor do", "and nor are", "and nor is");
        ban("while the connector is down", "while nobody is there", "nobody is there");
        ban("in turn, interleaved", "turn about");
        ban("retry", "trying again until it works");
        ban("another", "is another one", "are other ones", "are others now");
        ban("half as slow again: give the factor", "half as long again");
        ban("everyone, all", "everybody");
        ban("separately", "each by itself");
        ban("does not answer, prints nothing", "stays silent");
        ban("prevents, blocks", "stand in the way", "stands in the way");
        ban("does not have", "know of no", "knows of no");
        ban("earlier", "of before");
        ban("must, does", "shall");
        ban("a list", "what others have left", "how it comes", "how it goes");
    }

    /** Where a sentence goes on in the next line: a string that is continued, a comment, or plain text. */
    private static final Pattern JOINT =
            Pattern.compile("(\"\\s*\\+\\s*\")|\\s*\\n\\s*(?:(?:\\*(?!/)|//|--|#|<!--)\\s*)?|\\s+");

    private static final Pattern PHRASES = Pattern.compile(
            BETTER.keySet().stream().map(Pattern::quote).collect(Collectors.joining("|", "\\b(?<!there )(?:", ")\\b")),
            Pattern.CASE_INSENSITIVE);

    private BannedPhrases() {}

    private static void ban(String better, String... phrases) {
        for (String phrase : phrases) {
            BETTER.put(phrase, better);
        }
    }

    /** Each hit as {@code line: "phrase" (write: ...)}; empty if there is none. */
    static List<String> in(String text) {
        StringBuilder joined = new StringBuilder();
        List<Integer> places = new ArrayList<>();
        Matcher joint = JOINT.matcher(text);
        int from = 0;
        while (joint.find()) {
            append(text, from, joint.start(), joined, places);
            if (joint.group(1) == null) {
                joined.append(' ');
                places.add(joint.start());
            }
            from = joint.end();
        }
        append(text, from, text.length(), joined, places);

        return PHRASES.matcher(joined)
                .results()
                .map(hit -> "%d: \"%s\" (write: %s)"
                        .formatted(
                                line(text, places.get(hit.start())),
                                hit.group(),
                                BETTER.get(hit.group().toLowerCase())))
                .toList();
    }

    private static void append(String text, int from, int to, StringBuilder joined, List<Integer> places) {
        joined.append(text, from, to);
        for (int i = from; i < to; i++) {
            places.add(i);
        }
    }

    private static long line(String text, int place) {
        return 1 + text.substring(0, place).chars().filter(c -> c == '\n').count();
    }
}
