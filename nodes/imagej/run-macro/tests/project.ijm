// Multiplies the image by the argument and saves both results by path.
function describe(row, name) {
	setResult("name", row, name);
	setResult("height", row, getHeight());
}

factor = parseFloat(getArgument());
if (isNaN(factor))
	exit("The argument must be a number");
run("32-bit");
run("Multiply...", "value=" + factor);
describe(0, "ramp");
describe(1, "ramp, again");
updateResults();
saveAs("Tiff", imagePath);
saveAs("Results", tablePath);
close();
