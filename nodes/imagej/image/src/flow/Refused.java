package flow;

/** Something the caller can mend; the message is one sentence that says what and how. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String sentence) {
        super(sentence);
    }
}
