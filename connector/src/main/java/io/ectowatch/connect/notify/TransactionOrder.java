package io.ectowatch.connect.notify;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Puts notifications into the order of the changes. PostgreSQL delivers those of a transaction in the order in which
 * triggers fired. A notification whose changes came earlier names, as its last element, the notification that it
 * precedes.
 */
final class TransactionOrder {

    /** Layout, transaction, and the number of the statement that it precedes. */
    private static final Pattern LATE =
            Pattern.compile("\\[\"([0-9A-Za-z_-]+)\",\"[a-zA-Z]\",(\\d+),\\d+,\\d+,\\[.*],(\\d+)]", Pattern.DOTALL);

    /** How many notifications are searched, to limit the time for many rows. */
    private static final int FURTHEST = 5_000;

    private final List<String> payloads = new ArrayList<>();

    /** Adds the next payload from the server. */
    void add(String payload) {
        Matcher late = payload.endsWith("]]") ? null : LATE.matcher(payload);
        if (late == null || !late.matches()) {
            payloads.add(payload);
            return;
        }
        String head = "[\"" + late.group(1) + "\",\"";
        String tail = "\"," + late.group(2) + "," + late.group(3) + ",";
        int i = payloads.size() - 1;
        int end = Math.max(0, payloads.size() - FURTHEST);
        while (i >= end && !matches(payloads.get(i), head, tail)) {
            i--;
        }
        if (i < end) {
            // It came with an earlier part of what the server sent, or no watcher wanted it.
            payloads.add(payload);
            payloads.add("[\"" + late.group(1) + "\",\"g\"]");
            return;
        }
        while (i > 0 && matches(payloads.get(i - 1), head, tail)) {
            i--;
        }
        payloads.add(i, payload);
    }

    private static boolean matches(String payload, String head, String tail) {
        return payload.startsWith(head) && payload.startsWith(tail, head.length() + 1);
    }

    /** All payloads, in order. */
    List<String> payloads() {
        return payloads;
    }
}
