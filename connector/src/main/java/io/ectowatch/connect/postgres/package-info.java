/**
 * Connections to PostgreSQL, quoting, retries, and what the errors of the server mean. Knows nothing of settings or
 * watchers.
 */
@NullMarked
package io.ectowatch.connect.postgres;

import org.jspecify.annotations.NullMarked;
