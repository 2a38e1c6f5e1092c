package io.ectowatch.testkit;

/** An error response of the worker's REST interface. */
public final class ConnectRestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int status;

    ConnectRestException(String request, int status, String body) {
        super("%s answered %d: %s".formatted(request, status, body));
        this.status = status;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }
}
