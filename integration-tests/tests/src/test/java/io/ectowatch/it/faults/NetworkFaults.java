package io.ectowatch.it.faults;

import io.ectowatch.it.faults.Fault.Injection;
import java.util.List;

/** Faults of the network between the worker and one server, the database or the broker. */
final class NetworkFaults {

    private final NetworkProxy network;

    private NetworkFaults(NetworkProxy network) {
        this.network = network;
    }

    static List<Fault> ofDatabase(NetworkProxy network) {
        NetworkFaults faults = new NetworkFaults(network);
        return List.of(
                new Fault("network drops everything", 6, faults::dropDatabase),
                new Fault("connections reset", 8, injection -> network.reset()),
                new Fault("slow network", 6, faults::slow));
    }

    static List<Fault> ofBroker(NetworkProxy network) {
        NetworkFaults faults = new NetworkFaults(network);
        return List.of(
                new Fault("network to the broker drops everything", 5, faults::dropBroker),
                new Fault("network to the broker drops answers", 5, faults::dropAnswers),
                new Fault("connections to the broker reset", 4, faults::reset),
                new Fault("slow network to the broker", 4, faults::slow));
    }

    /** Rarely for longer than the connector waits for an answer. */
    private void dropDatabase(Injection injection) throws Exception {
        network.drop();
        try {
            if (injection.between(1, 15) == 1) {
                injection.hold(8_000, 15_000);
            } else {
                injection.hold(200, 2_000);
            }
        } finally {
            network.reset();
        }
    }

    private void dropBroker(Injection injection) throws Exception {
        network.drop();
        holdBroker(injection);
    }

    /** The broker does what it is asked for, but the worker does not learn it, and asks again. */
    private void dropAnswers(Injection injection) throws Exception {
        network.dropAnswers();
        holdBroker(injection);
    }

    /** Sometimes for longer than a session of the worker in its group. Then all passes late, or the connections break. */
    private void holdBroker(Injection injection) throws Exception {
        try {
            if (injection.between(1, 4) == 1) {
                injection.hold(8_000, 15_000);
            } else {
                injection.hold(200, 3_000);
            }
        } finally {
            if (injection.random().nextBoolean()) {
                injection.note("then passes");
                network.pass();
            } else {
                injection.note("then resets");
                network.reset();
            }
        }
    }

    /** Some times in a row: also while the clients connect again. */
    private void reset(Injection injection) throws Exception {
        int times = injection.between(1, 5);
        injection.note(times + " times");
        for (int i = 0; i < times; i++) {
            network.reset();
            Thread.sleep(injection.between(0, 300));
        }
    }

    private void slow(Injection injection) throws Exception {
        int delay = injection.between(5, 100);
        int piece = injection.between(100, 8192);
        injection.note(delay + " ms for " + piece + " bytes");
        network.slow(delay, piece);
        try {
            injection.hold(500, 2_000);
        } finally {
            network.fast();
        }
    }
}
