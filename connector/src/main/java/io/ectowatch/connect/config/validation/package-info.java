/** What the definitions of the settings use to check values, to recommend them, and to report problems. */
@NullMarked
package io.ectowatch.connect.config.validation;

import org.jspecify.annotations.NullMarked;
