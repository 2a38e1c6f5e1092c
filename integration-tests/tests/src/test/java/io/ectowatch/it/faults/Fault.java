package io.ectowatch.it.faults;

import java.util.Random;

/**
 * A kind of fault.
 *
 * @param weight how often it is drawn, compared with others
 */
record Fault(String name, int weight, Action action) {

    /** Causes the fault and ends it: afterwards, all parts run again, or start. */
    interface Action {
        void inject(Injection injection) throws Exception;
    }

    /** One fault: its random choices, and what is noted about it. */
    static final class Injection {

        private final Random random;
        private final Runnable onOver;
        private final StringBuilder details = new StringBuilder();
        private long over;

        /** {@code onOver} runs when the fault is over. */
        Injection(Random random, Runnable onOver) {
            this.random = random;
            this.onOver = onOver;
        }

        Random random() {
            return random;
        }

        /** A number between the two, which are possible results. */
        int between(int low, int high) {
            return low + random.nextInt(high - low + 1);
        }

        /** Waits for as many milliseconds as a random number between the two says. */
        void hold(int low, int high) throws InterruptedException {
            int milliseconds = between(low, high);
            note(milliseconds + " ms");
            Thread.sleep(milliseconds);
        }

        void note(String detail) {
            details.append(details.isEmpty() ? "" : ", ").append(detail);
        }

        /** The cause is gone: from now on, the time until everything works again counts. Only the first call counts. */
        void over() {
            if (over == 0) {
                over = System.nanoTime();
                onOver.run();
            }
        }

        long overAt() {
            return over;
        }

        String details() {
            return details.toString();
        }
    }
}
