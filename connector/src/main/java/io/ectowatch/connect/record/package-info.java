/** Makes the records of Kafka Connect from changes. Connects to nothing. */
@NullMarked
package io.ectowatch.connect.record;

import org.jspecify.annotations.NullMarked;
