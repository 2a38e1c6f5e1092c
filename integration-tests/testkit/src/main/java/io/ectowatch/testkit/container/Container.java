package io.ectowatch.testkit.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.WaitResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A container that can be stopped and started again. It keeps its data and its name. */
public final class Container {

    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(30);
    private static final int LOG_LINES = 25;

    private final DockerClient docker;
    private final String id;
    private final String name;

    /**
     * An existing container.
     *
     * @param name for messages
     */
    public Container(DockerClient docker, String id, String name) {
        this.docker = docker;
        this.id = id;
        this.name = name;
    }

    /** Sends it a signal (a name without {@code SIG}) and waits for its end. Does nothing if it is not running. */
    void end(String signal) {
        try {
            docker.killContainerCmd(id).withSignal(signal).exec();
        } catch (ConflictException e) {
            return; // It is not running.
        }
        try {
            docker.waitContainerCmd(id)
                    .exec(new ResultCallback.Adapter<WaitResponse>())
                    .awaitCompletion(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for the end of " + name, e);
        }
    }

    /** Starts it if it is not running. Does not wait until its process is ready. */
    void start() {
        try {
            docker.startContainerCmd(id).exec();
        } catch (NotModifiedException e) {
            // It is running already.
        }
    }

    /** Waits until the condition is true. Ignores exceptions of the condition. */
    void awaitReady(Duration timeout, Callable<Boolean> ready) {
        try {
            Awaitility.await()
                    .pollInSameThread()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(100))
                    .atMost(timeout)
                    .ignoreExceptions()
                    .until(ready);
        } catch (ConditionTimeoutException e) {
            throw new IllegalStateException(
                    "%s did not answer within %d s.%nThe end of its log:%n%s"
                            .formatted(name, timeout.toSeconds(), logTail()),
                    e);
        }
    }

    private String logTail() {
        StringBuilder tail = new StringBuilder();
        try {
            docker.logContainerCmd(id)
                    .withStdOut(true)
                    .withStdErr(true)
                    .withTail(LOG_LINES)
                    .exec(new ResultCallback.Adapter<Frame>() {
                        @Override
                        public void onNext(Frame frame) {
                            tail.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
                        }
                    })
                    .awaitCompletion(STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return tail.toString();
    }
}
