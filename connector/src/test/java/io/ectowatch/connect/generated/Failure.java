package io.ectowatch.connect.generated;

/**
 * What is wrong with a run of a program.
 *
 * @param kind in a word or two; a smaller program that fails likewise has the same
 */
record Failure(String kind, String text) {}
