/** Removes the objects of this connector, and of connectors that no longer exist. */
@NullMarked
package io.ectowatch.connect.install.uninstall;

import org.jspecify.annotations.NullMarked;
