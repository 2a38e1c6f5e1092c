package io.ectowatch.connect.install;

import io.ectowatch.connect.config.validation.ConfigProblem;
import io.ectowatch.connect.postgres.OperatorException;
import java.util.List;
import java.util.stream.Collectors;

/** Ends the task if the user has to fix something first. */
final class Refusal {

    private Refusal() {}

    /** @throws OperatorException with every problem and its setting, if there are any */
    static void ifAny(List<ConfigProblem> problems) {
        if (!problems.isEmpty()) {
            throw new OperatorException(
                    problems.stream().map(ConfigProblem::text).collect(Collectors.joining(" ")));
        }
    }
}
