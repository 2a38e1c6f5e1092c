/** The steps of an installation: their SQL, their order and their locks. */
@NullMarked
package io.ectowatch.connect.install.plan;

import org.jspecify.annotations.NullMarked;
