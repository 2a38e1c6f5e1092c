package io.ectowatch.connect.log;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * A daemon thread whose log lines have the same context as those of the thread that creates it. Kafka Connect puts the names
 * of the connector and of the task there ({@code connector.context}), and the loggers do not pass it on by themselves.
 */
public final class ContextThread {

    private ContextThread() {}

    /** Creates it; the caller starts it. */
    public static Thread create(String name, Runnable work) {
        Map<String, String> context = MDC.getCopyOfContextMap();
        Thread thread = new Thread(() -> run(work, context), name);
        thread.setDaemon(true);
        return thread;
    }

    private static void run(Runnable work, @Nullable Map<String, String> context) {
        if (context != null) {
            MDC.setContextMap(context);
        }
        work.run();
    }
}
