/** The metrics of a task, as JMX shows them. */
@NullMarked
package io.ectowatch.connect.metrics;

import org.jspecify.annotations.NullMarked;
