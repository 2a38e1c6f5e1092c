/** Notify delivery: receives notifications and makes changes of their payloads. */
@NullMarked
package io.ectowatch.connect.notify;

import org.jspecify.annotations.NullMarked;
