package io.ectowatch.connect.testing;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.MDC;
import org.slf4j.spi.MDCAdapter;

/**
 * The contexts of the log lines of the connector's threads. The tests' logger keeps none; this keeps one for each thread, as
 * the workers' logger does: a new thread has an empty one.
 */
public final class ThreadContexts implements MDCAdapter, AutoCloseable {

    private final ThreadLocal<Map<String, String>> own = ThreadLocal.withInitial(HashMap::new);
    private final Map<String, Map<String, String>> byThread = new ConcurrentHashMap<>();
    private MDCAdapter before;

    private ThreadContexts() {}

    /** Begins to keep them. */
    public static ThreadContexts record() throws ReflectiveOperationException {
        ThreadContexts contexts = new ThreadContexts();
        contexts.before = adapter(contexts);
        return contexts;
    }

    /** SLF4J binds to one adapter when the JVM starts. */
    private static MDCAdapter adapter(MDCAdapter now) throws ReflectiveOperationException {
        Field field = MDC.class.getDeclaredField("mdcAdapter");
        field.setAccessible(true);
        MDCAdapter before = (MDCAdapter) field.get(null);
        field.set(null, now);
        return before;
    }

    /** By the name of each thread of a connector that has got a context, or has been asked for it. */
    public Map<String, Map<String, String>> byThread() {
        return Map.copyOf(byThread);
    }

    private void note() {
        String name = Thread.currentThread().getName();
        if (name.startsWith("ectowatch-")) {
            byThread.put(name, Map.copyOf(own.get()));
        }
    }

    @Override
    public void put(String key, String value) {
        own.get().put(key, value);
        note();
    }

    @Override
    public String get(String key) {
        return own.get().get(key);
    }

    @Override
    public void remove(String key) {
        own.get().remove(key);
        note();
    }

    @Override
    public void clear() {
        own.get().clear();
        note();
    }

    @Override
    public Map<String, String> getCopyOfContextMap() {
        note();
        return new HashMap<>(own.get());
    }

    @Override
    public void setContextMap(Map<String, String> context) {
        own.set(new HashMap<>(context));
        note();
    }

    @Override
    public void close() throws ReflectiveOperationException {
        adapter(before);
    }
}
