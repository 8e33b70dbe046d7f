/*
 * student.h - Student's t: whether a mean differs from zero by more than chance makes it.
 *
 * Two-sided at 5 %: chance alone would call a mean positive in 1 of 40 cases, and negative in as many.
 * The table is that of any textbook (e.g. Fisher and Yates 1938, table III), to the digits printed there;
 * beyond 20 degrees of freedom the value of 20 is taken, which is a little more than the right one.
 */
#ifndef STUDENT_H
#define STUDENT_H

/* The 97.5 % quantile of Student's distribution with so many degrees of freedom; infinite below 1. */
double student_quantile(int freedom);

/*
 * The sign of x, a mean with this standard error: 1 or -1 beyond chance; 0 where chance may have made it,
 * or where either is NaN.
 */
int student_sign(double x, double error, int freedom);

#endif
