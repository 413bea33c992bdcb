/* A shared object that is no implementation: it lacks the entry point. */
int holdfast_no_entry(void);
int holdfast_no_entry(void) { return 0; }
