package io.ectowatch.connect.install;

import io.ectowatch.connect.config.validation.ConfigProblem;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;

/** Ends the task if the user has to fix something first. */
final class Refusal {

    private Refusal() {}

    /** @throws ConnectException with every problem and its setting, if there are any */
    static void ifAny(List<ConfigProblem> problems) {
        if (!problems.isEmpty()) {
            throw new ConnectException(
                    problems.stream().map(ConfigProblem::text).collect(Collectors.joining(" ")));
        }
    }
}
