#include "report/student.h"
#include "core/base.h"

#include <math.h>

#define REVISION 1 /* raise when the numbers change */

double student_quantile(int freedom)
{
	static const double t[] = { INFINITY, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23,
		                    2.20,     2.18,  2.16, 2.14, 2.13, 2.12, 2.11, 2.10, 2.09, 2.09 };

	return freedom < 0 ? INFINITY : t[freedom < (int)LEN(t) ? freedom : (int)LEN(t) - 1];
}

int student_sign(double x, double error, int freedom)
{
	double limit = error * student_quantile(freedom);

	return x > limit ? 1 : x < -limit ? -1 : 0;
}
