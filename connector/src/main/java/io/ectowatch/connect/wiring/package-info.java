/** Creates the parts of a task, and passes each the settings that it needs. */
@NullMarked
package io.ectowatch.connect.wiring;

import org.jspecify.annotations.NullMarked;
