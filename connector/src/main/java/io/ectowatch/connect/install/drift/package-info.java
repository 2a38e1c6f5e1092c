/** While the task runs, notices changed tables and missing triggers, and installs again. */
@NullMarked
package io.ectowatch.connect.install.drift;

import org.jspecify.annotations.NullMarked;
