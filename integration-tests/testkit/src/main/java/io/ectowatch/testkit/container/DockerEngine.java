package io.ectowatch.testkit.container;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.PullResponseItem;
import io.ectowatch.testkit.Stack;
import io.ectowatch.testkit.StackUnavailableException;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.ContainerFetchException;

/** The Docker engine of this machine, or the one that {@code DOCKER_HOST} names. */
public final class DockerEngine {

    private DockerEngine() {}

    /**
     * The shared client.
     *
     * @throws StackUnavailableException if no engine answers
     */
    public static DockerClient client() {
        try {
            return DockerClientFactory.instance().client();
        } catch (ContainerFetchException e) {
            throw new StackUnavailableException(
                    "-D%s=%s needs the image with which Testcontainers removes containers, and it cannot be pulled: connect to its registry, or export TESTCONTAINERS_RYUK_DISABLED=true"
                            .formatted(Stack.CHOICE, System.getProperty(Stack.CHOICE)),
                    e);
        } catch (IllegalStateException e) {
            throw new StackUnavailableException(
                    "-D%1$s=%2$s needs a Docker engine, and no engine answers: start it, set DOCKER_HOST, or omit -D%1$s"
                            .formatted(Stack.CHOICE, System.getProperty(Stack.CHOICE)),
                    e);
        }
    }

    /**
     * Pulls an image if this machine does not have it. Testcontainers would retry for minutes.
     *
     * @throws StackUnavailableException if the image cannot be pulled
     */
    public static void require(DockerClient docker, String image) {
        try {
            docker.inspectImageCmd(image).exec();
        } catch (NotFoundException absent) {
            try {
                docker.pullImageCmd(image)
                        .exec(new ResultCallback.Adapter<PullResponseItem>())
                        .awaitCompletion();
            } catch (DockerException e) {
                throw new StackUnavailableException(
                        "the image %s is not on this machine and cannot be pulled: connect to its registry, or `docker load` it"
                                .formatted(image),
                        e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while pulling " + image, e);
            }
        }
    }
}
