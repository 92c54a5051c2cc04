"""What the mock is measured against; run by uvicorn with this folder as its application folder."""
