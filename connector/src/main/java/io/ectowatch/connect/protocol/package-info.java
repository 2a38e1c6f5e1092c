/** What the triggers and the task agree on: names of objects, layouts, entries, payloads and markers. */
@NullMarked
package io.ectowatch.connect.protocol;

import org.jspecify.annotations.NullMarked;
