/** Defines the settings, parses them and checks them. Connects to nothing. */
@NullMarked
package io.ectowatch.connect.config;

import org.jspecify.annotations.NullMarked;
