package io.ectowatch.it;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StackTest {

    private String before;

    @BeforeEach
    void remember() {
        before = System.getProperty(Stack.CHOICE);
    }

    @AfterEach
    void restore() {
        if (before == null) {
            System.clearProperty(Stack.CHOICE);
        } else {
            System.setProperty(Stack.CHOICE, before);
        }
    }

    @Test
    void anUnknownStackIsRefusedWithTheNamesOfTheKnownOnes() {
        System.setProperty(Stack.CHOICE, "cloud");

        assertThatThrownBy(Stack::start)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("-Dstack=cloud is not known; known are: embedded");
    }
}
