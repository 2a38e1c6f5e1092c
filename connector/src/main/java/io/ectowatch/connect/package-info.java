/** The classes that a Kafka Connect worker loads: the connector and its task. */
@NullMarked
package io.ectowatch.connect;

import org.jspecify.annotations.NullMarked;
