package io.ectowatch.connect.notify;

import io.ectowatch.connect.protocol.NotifyPayload;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts notifications into the order of the changes. PostgreSQL delivers those of a transaction in the order in which
 * triggers fired. A notification whose changes came earlier names, as its last element, the notification that it
 * precedes.
 */
final class TransactionOrder {

    /** How many notifications are searched, to limit the time for many rows. */
    private static final int FURTHEST = 5_000;

    private final List<String> payloads = new ArrayList<>();

    /** Adds the next payload from the server. */
    void add(String payload) {
        NotifyPayload.Successor successor = NotifyPayload.successor(payload).orElse(null);
        if (successor == null) {
            payloads.add(payload);
            return;
        }
        int i = payloads.size() - 1;
        int end = Math.max(0, payloads.size() - FURTHEST);
        while (i >= end && !successor.is(payloads.get(i))) {
            i--;
        }
        if (i < end) {
            // It came with an earlier part of what the server sent, or no watcher wanted it.
            payloads.add(payload);
            payloads.add(NotifyPayload.gap(successor.layout()));
            return;
        }
        while (i > 0 && successor.is(payloads.get(i - 1))) {
            i--;
        }
        payloads.add(i, payload);
    }

    /** All payloads, in order. */
    List<String> payloads() {
        return payloads;
    }
}
